using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace Dynospace.Runtime;

/// <summary>
/// Names one object of a kind. A reconcile gets nothing else, so that it never acts on an outdated event.
/// </summary>
/// <param name="Namespace">The namespace, or null for a cluster-scoped object.</param>
/// <param name="Name">The object's name.</param>
public readonly record struct ObjectKey(string? Namespace, string Name)
{
    /// <summary>The key of a cluster-scoped object.</summary>
    public static ObjectKey ClusterScoped(string name) => new(null, name);

    /// <summary>Reads <c>name</c> or <c>namespace/name</c>.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static ObjectKey Parse(string text) => TryParse(text, out var key)
        ? key
        : throw new FormatException($"'{text}' is not an object key: write 'name' or 'namespace/name'.");

    /// <summary>Reads <c>name</c> or <c>namespace/name</c>; false when the text is neither.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ObjectKey key)
    {
        key = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            key = new ObjectKey(null, text);
            return true;
        }

        if (slash == 0 || slash == text.Length - 1 || text.IndexOf('/', slash + 1) >= 0)
        {
            return false;
        }

        key = new ObjectKey(text[..slash], text[(slash + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}

/// <summary>Names an object of any kind.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Key">Its name.</param>
public sealed record ObjectReference(ResourceKind Kind, ObjectKey Key)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind.Kind} {Key}";
}

/// <summary>The object that owns children.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Key">Its name.</param>
/// <param name="Uid">Its uid, which distinguishes it from a deleted object of the same name.</param>
public sealed record OwnerIdentity(ResourceKind Kind, ObjectKey Key, string Uid)
{
    /// <summary>The identity of a live object.</summary>
    public static OwnerIdentity FromObject(ResourceKind kind, IKubernetesObject<V1ObjectMeta> owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return new OwnerIdentity(
            kind, new ObjectKey(owner.Metadata.NamespaceProperty, owner.Metadata.Name), owner.Metadata.Uid);
    }
}
