using System.Text.Json;
using Dynospace.Api;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>Objects that bear the operator's label, among those that are cached regardless of who made them.</summary>
public static class ManagedObjects
{
    /// <summary>Whether labels say that the operator manages the object.</summary>
    public static bool AreManaged(this IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault(Labels.ManagedBy) == Labels.ManagedByValue;

    /// <summary>Only what the operator manages keeps its content.</summary>
    public static LiveObject Decode(ResourceKind kind, JsonElement element)
    {
        var labels = JsonMembers.Member(JsonMembers.Member(element, "metadata"), "labels");
        var isManaged = JsonMembers.Text(labels, Labels.ManagedBy) == Labels.ManagedByValue;
        return isManaged ? DecodeOwn(kind, element) : LiveObject.Decode(kind, element, keepContent: false);
    }

    /// <summary>An object of the operator, with what other field managers added to its spec.</summary>
    public static LiveObject DecodeOwn(ResourceKind kind, JsonElement element) =>
        LiveObject.Decode(kind, element, fieldManager: DynospaceGroup.FieldManager);
}
