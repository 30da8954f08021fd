using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Auth;

/// <summary>One rule of a role.</summary>
internal sealed record PolicyRule(
    IReadOnlyList<string> Verbs,
    IReadOnlyList<string> ApiGroups,
    IReadOnlyList<string> Resources,
    IReadOnlyList<string> ResourceNames,
    IReadOnlyList<string> NonResourceUrls)
{
    private const string All = "*";

    public static IReadOnlyList<PolicyRule> ReadAll(JsonNode? rules) =>
        rules is JsonArray list ? [.. list.OfType<JsonObject>().Select(Read)] : [];

    public bool Allows(AccessRequest request) =>
        Has(Verbs, request.Verb)
        && (request.IsResource ? AllowsResource(request) : NonResourceUrls.Any(url => Covers(url, request.Path)));

    /// <summary>
    /// Whether this rule allows everything that <paramref name="other"/> allows, which names one of each.
    /// </summary>
    public bool Includes(PolicyRule other) =>
        other.Verbs.All(verb => Has(Verbs, verb))
        && other.ApiGroups.All(group => Has(ApiGroups, group))
        && other.Resources.All(IncludesResource)
        && (ResourceNames.Count == 0
            || (other.ResourceNames.Count > 0 && other.ResourceNames.All(ResourceNames.Contains)))
        && other.NonResourceUrls.All(url => NonResourceUrls.Any(own => Covers(own, url)));

    /// <summary>Splits the rule into rules with one verb, group, resource and name each.</summary>
    public IEnumerable<PolicyRule> Split()
    {
        foreach (var verb in Verbs)
        {
            foreach (var url in NonResourceUrls)
            {
                yield return new PolicyRule([verb], [], [], [], [url]);
            }

            foreach (var group in ApiGroups)
            {
                foreach (var resource in Resources)
                {
                    if (ResourceNames.Count == 0)
                    {
                        yield return new PolicyRule([verb], [group], [resource], [], []);
                    }

                    foreach (var name in ResourceNames)
                    {
                        yield return new PolicyRule([verb], [group], [resource], [name], []);
                    }
                }
            }
        }
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["verbs"] = Texts(Verbs) };
        foreach (var (key, values) in new[]
        {
            ("apiGroups", ApiGroups),
            ("resources", Resources),
            ("resourceNames", ResourceNames),
            ("nonResourceURLs", NonResourceUrls),
        })
        {
            if (values.Count > 0)
            {
                json[key] = Texts(values);
            }
        }

        return json;
    }

    /// <summary>The rule in the format of the API's messages.</summary>
    public string Describe()
    {
        var parts = new[]
            {
                ("NonResourceURLs", NonResourceUrls),
                ("APIGroups", ApiGroups),
                ("Resources", Resources),
                ("ResourceNames", ResourceNames),
                ("Verbs", Verbs),
            }
            .Where(part => part.Item2.Count > 0)
            .Select(part => $"{part.Item1}:[{string.Join(" ", part.Item2.Select(value => $"\"{value}\""))}]");
        return $"{{{string.Join(", ", parts)}}}";
    }

    private bool AllowsResource(AccessRequest request) =>
        Has(ApiGroups, request.Group)
        && IncludesResource(request.Resource)
        && (ResourceNames.Count == 0 || ResourceNames.Contains(request.Name));

    private bool IncludesResource(string resource)
    {
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return Has(Resources, resource)
            || (slash > 0 && Resources.Contains(string.Concat("*", resource.AsSpan(slash))));
    }

    private static bool Covers(string pattern, string path) => pattern == All || pattern == path
        || (pattern.EndsWith('*') && path.StartsWith(pattern[..^1], StringComparison.Ordinal));

    private static bool Has(IReadOnlyList<string> values, string value) =>
        values.Contains(All) || values.Contains(value);

    private static PolicyRule Read(JsonObject rule) => new(
        rule.Texts("verbs"),
        rule.Texts("apiGroups"),
        rule.Texts("resources"),
        rule.Texts("resourceNames"),
        rule.Texts("nonResourceURLs"));

    private static JsonArray Texts(IReadOnlyList<string> values) => new([.. values.Select(value => (JsonNode)value)]);
}
