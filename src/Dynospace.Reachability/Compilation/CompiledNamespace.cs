namespace Dynospace.Reachability.Compilation;

/// <summary>A namespace and its labels, <c>kubernetes.io/metadata.name</c> included.</summary>
internal sealed record CompiledNamespace(string Name, IReadOnlyDictionary<string, string> Labels)
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>The API server sets the name label on every namespace for good, so a manifest's own value counts for nothing.</summary>
    public static CompiledNamespace Create(string name, IDictionary<string, string>? labels) => new(
        name,
        new Dictionary<string, string>(labels ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [NameLabel] = name });
}
