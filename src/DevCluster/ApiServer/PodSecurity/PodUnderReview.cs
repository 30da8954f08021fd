using System.Text.Json.Nodes;
using DevCluster.ApiServer.Defaults;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.PodSecurity;

/// <summary>A pod as the checks of Pod Security see it.</summary>
internal sealed class PodUnderReview(JsonObject? metadata, JsonObject spec)
{
    public JsonObject? Metadata { get; } = metadata;

    public JsonObject Spec { get; } = spec;

    public JsonObject? Context { get; } = spec.Map("securityContext");

    public IReadOnlyList<JsonObject> Containers { get; } = [.. PodDefaults.Containers(spec)];

    /// <summary>The names of the containers that a test picks, quoted.</summary>
    public List<string> Names(Func<JsonObject, bool> isMeant) =>
        [.. Containers.Where(isMeant).Select(container => $"\"{container.Text("name")}\"")];

    public static string Count(string word, IReadOnlyCollection<string> items) => items.Count == 1 ? word : word + "s";

    public static string Join(IEnumerable<string> items) => string.Join(", ", items);

    public static string Quoted(IEnumerable<string> items) =>
        string.Join(", ", items.Distinct().Order(StringComparer.Ordinal).Select(item => $"\"{item}\""));

    /// <summary><c>container "a"</c> or <c>containers "a", "b"</c>.</summary>
    public static string Name(IReadOnlyCollection<string> names) => $"{Count("container", names)} {Join(names)}";
}
