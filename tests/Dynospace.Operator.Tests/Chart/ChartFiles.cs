using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Testing.Charts;

namespace Dynospace.Operator.Tests.Chart;

/// <summary>The files of the Helm chart.</summary>
internal static class ChartFiles
{
    public static string Text(params string[] path) => File.ReadAllText(Path.Combine([HelmChart.Folder, .. path]));

    public static IReadOnlyList<JsonObject> Documents(params string[] path) =>
        [.. YamlReader.ReadAll(Text(path)).Select(document => document.AsObject())];

    /// <summary>The rules of a role, one verb list each.</summary>
    public static IEnumerable<(string Group, string Resource, string[] Names, string[] Verbs)> Rules(JsonObject role) =>
        from rule in role["rules"]!.AsArray()
        from resource in Texts(rule!, "resources")
        select (Texts(rule!, "apiGroups").Single(), resource, Texts(rule!, "resourceNames"), Texts(rule!, "verbs"));

    private static string[] Texts(JsonNode rule, string field) =>
        [.. (rule[field] as JsonArray ?? []).Select(text => (string)text!)];
}
