using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Auth;

/// <summary>An authorization question: whether a user may perform an action.</summary>
internal sealed record AccessRequest(UserInfo User, string Verb)
{
    public bool IsResource { get; init; }

    public string Path { get; init; } = "";

    public string Group { get; init; } = "";

    public string Plural { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The resource as rules name it: <c>pods</c> or <c>pods/log</c>.</summary>
    public string Resource => Subresource.Length == 0 ? Plural : $"{Plural}/{Subresource}";

    public static AccessRequest From(UserInfo user, RequestInfo info) => new(user, info.Verb)
    {
        IsResource = info.IsResource,
        Path = info.Path,
        Group = info.Group,
        Plural = info.Plural,
        Subresource = info.Subresource ?? "",
        Namespace = info.Namespace ?? "",
        Name = info.Name ?? "",
    };
}

/// <summary>Pure: reads access reviews and writes their results.</summary>
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

/// <summary>The 403 errors of authorization.</summary>
internal static class ForbiddenErrors
{
    public static ApiStatusException For(AccessRequest request)
    {
        if (!request.IsResource)
        {
            return new ApiStatusException(
                403,
                "Forbidden",
                $"forbidden: User \"{request.User.Name}\" cannot {request.Verb} path \"{request.Path}\"",
                []);
        }

        var resource = new ResourceId(request.Group, request.Plural);
        var scope = request.Namespace.Length == 0
            ? "at the cluster scope"
            : $"in the namespace \"{request.Namespace}\"";
        var why =
            $"User \"{request.User.Name}\" cannot {request.Verb} resource \"{request.Resource}\" in API group "
            + $"\"{request.Group}\" {scope}";
        if (request.Name.Length > 0)
        {
            return ApiErrors.Forbidden(resource, request.Name, why);
        }

        var details = new JsonObject();
        if (request.Group.Length > 0)
        {
            details["group"] = request.Group;
        }

        details["kind"] = request.Plural;
        return new ApiStatusException(403, "Forbidden", $"{resource} is forbidden: {why}", details);
    }
}
