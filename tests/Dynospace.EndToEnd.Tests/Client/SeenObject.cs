using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Client;

/// <summary>One version of an object, as a watch showed it.</summary>
internal sealed class SeenObject(ResourceKind kind, JsonObject content)
{
    private object? _typed;

    public ResourceKind Kind { get; } = kind;

    public JsonObject Content { get; } = content;

    public ObjectKey Key { get; } = JsonObjects.KeyOf(content);

    public string Name => Key.Name;

    public string? Namespace => Key.Namespace;

    public JsonObject Metadata { get; } = content["metadata"]!.AsObject();

    public string Uid => (string)Metadata["uid"]!;

    /// <summary>The order of all changes of a cluster: one store counts them all.</summary>
    public long Version => long.Parse((string)Metadata["resourceVersion"]!, CultureInfo.InvariantCulture);

    public long Generation => (long?)Metadata["generation"] ?? 0;

    public bool IsTerminating => Metadata["deletionTimestamp"] is not null;

    public string? Label(string name) => (string?)Metadata["labels"]?[name];

    public string? Annotation(string name) => (string?)Metadata["annotations"]?[name];

    public SeenCondition? Condition(string type) => (Content["status"]?["conditions"] as JsonArray)?
        .Select(condition => condition!.AsObject())
        .Where(condition => (string?)condition["type"] == type)
        .Select(SeenCondition.Of)
        .FirstOrDefault();

    /// <summary>A condition that speaks of the spec as it is, with this status.</summary>
    public bool Has(string type, string status = "True") =>
        Condition(type) is { } condition && condition.Status == status && condition.ObservedGeneration >= Generation;

    public T As<T>()
        where T : class => (T)(_typed ??= JsonObjects.To<T>(Content));

    public override string ToString() => $"{Kind.Kind} {Key}";
}
