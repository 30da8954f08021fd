using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Dynospace.Runtime.Applying;

/// <summary>An object that shall exist.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Content">What it shall contain; null members mean "no opinion". The applier does not change it.</param>
public sealed record DesiredObject(ResourceKind Kind, JsonObject Content)
{
    /// <summary>Its name.</summary>
    public ObjectKey Key { get; } = JsonObjects.KeyOf(Content);

    /// <summary>Objects of a lower stage are applied first, and withhold this one when they fail.</summary>
    public int Stage { get; init; }

    /// <summary>How an object of the same name that the cache does not hold is kept from being taken over.</summary>
    public CreationGuard Guard { get; init; } = CreationGuard.ReadFirst;

    /// <summary>Whether an existing object that is not the owner's may be taken over: somebody said so on the object.</summary>
    public bool MayAdopt { get; init; }

    /// <summary>Whether the owner is named in the object's owner references, where the scopes allow; else only the label tells.</summary>
    public bool SetOwnerReference { get; init; } = true;

    /// <summary>Makes one of a typed object.</summary>
    public static DesiredObject Of<T>(T content, ResourceKind? kind = null)
        where T : IKubernetesObject<V1ObjectMeta> => new(kind ?? ResourceKind.For<T>(), JsonObjects.From(content));
}
