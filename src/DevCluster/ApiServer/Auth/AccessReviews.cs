using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Auth;

/// <summary>Reads the questions of access reviews and writes the parts of their answers. Pure.</summary>
internal static class AccessReviews
{
    public static AccessRequest Question(UserInfo user, JsonObject spec)
    {
        if (spec["nonResourceAttributes"] is JsonObject path)
        {
            return new AccessRequest(user, path.NonEmpty("verb") ?? "") { Path = path.NonEmpty("path") ?? "" };
        }

        var resource = spec["resourceAttributes"] as JsonObject ?? throw ApiErrors.BadRequest(
            "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes "
            + "must be specified");
        return new AccessRequest(user, resource.NonEmpty("verb") ?? "")
        {
            IsResource = true,
            Group = resource.NonEmpty("group") ?? "",
            Plural = resource.NonEmpty("resource") ?? "",
            Subresource = resource.NonEmpty("subresource") ?? "",
            Namespace = resource.NonEmpty("namespace") ?? "",
            Name = resource.NonEmpty("name") ?? "",
        };
    }

    public static UserInfo Subject(JsonObject spec) => new(
        spec.NonEmpty("user") ?? "",
        spec["groups"] is JsonArray groups ? [.. groups.Select(group => (string?)group ?? "")] : []);

    public static JsonObject Rules(IEnumerable<PolicyRule> rules)
    {
        var list = rules.ToList();
        return new JsonObject
        {
            ["incomplete"] = false,
            ["resourceRules"] = new JsonArray(
                [.. list.Where(rule => rule.Resources.Count > 0).Select(rule => rule.ToJson())]),
            ["nonResourceRules"] = new JsonArray(
                [.. list.Where(rule => rule.NonResourceUrls.Count > 0).Select(rule => rule.ToJson())]),
        };
    }

    public static JsonObject User(UserInfo user)
    {
        var info = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
        {
            info["uid"] = user.Uid;
        }

        info["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)group)]);
        if (user.Extra.Count > 0)
        {
            info["extra"] = new JsonObject(user.Extra.Select(extra => KeyValuePair.Create<string, JsonNode?>(
                extra.Key, new JsonArray([.. extra.Value.Select(value => (JsonNode)value)]))));
        }

        return info;
    }
}
