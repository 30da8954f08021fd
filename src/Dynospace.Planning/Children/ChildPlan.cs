// Children: the objects that an owner must have and those that must be deleted, of any kind.

using System.Reflection;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Children;

// Everything that decides how a child is written or deleted is a property of the planned object, never of the list that
// holds it.

/// <summary>
/// The desired children of an owner. A child that is neither planned nor to be deleted stays as it is.
/// </summary>
public sealed record ChildPlan
{
    /// <summary>Nothing to write and nothing to delete.</summary>
    public static ChildPlan Empty { get; } = new();

    /// <summary>The objects that must exist.</summary>
    public IReadOnlyList<PlannedObject> Objects { get; init; } = [];

    /// <summary>The objects to delete, in the order of deletion.</summary>
    public IReadOnlyList<PlannedDeletion> Deletions { get; init; } = [];

    /// <summary>The planned objects of one type, in the order of the plan.</summary>
    public IEnumerable<T> All<T>()
        where T : IKubernetesObject<V1ObjectMeta> => Objects.Select(child => child.Content).OfType<T>();
}

/// <summary>An object that must exist.</summary>
/// <param name="Content">Its desired content; null members mean "no opinion".</param>
public sealed record PlannedObject(IKubernetesObject<V1ObjectMeta> Content)
{
    /// <summary>
    /// Objects of a lower stage are applied first, and withhold this one when they fail. Objects of one stage are
    /// applied together.
    /// </summary>
    public int Stage { get; init; }

    /// <summary>How an existing object of this name that belongs to another owner is protected.</summary>
    public ChildGuard Guard { get; init; } = ChildGuard.ReadFirst;

    /// <summary>
    /// The uid of an existing object that may be taken over although it has no mark of the owner; null for none.
    /// </summary>
    public string? Adopts { get; init; }

    /// <summary>
    /// Whether the object has an owner reference, where the scopes allow one. Without it, only the label with the
    /// owner's uid marks the object, so that the operator and not garbage collection decides the order of deletion.
    /// </summary>
    public bool HasOwnerReference { get; init; } = true;

    /// <summary>
    /// The object to create in place of the existing one if the API server refuses the change as invalid; null if such
    /// a refusal is a failure.
    /// </summary>
    public IKubernetesObject<V1ObjectMeta>? Replacement { get; init; }

    /// <summary>The identity of the object.</summary>
    public ChildIdentity Identity => ChildIdentity.FromObject(Content);
}

/// <summary>How an object of the same name that belongs to another owner is detected.</summary>
public enum ChildGuard
{
    /// <summary>
    /// The cache holds only our own objects of this kind, so the API server is read before the first write.
    /// </summary>
    ReadFirst,

    /// <summary>
    /// The cache holds all objects of this kind, regardless of owner. An object that is not cached does not exist.
    /// </summary>
    TrustCache,

    /// <summary>
    /// The object is created once and never changed. An object of the same name makes the creation fail.
    /// </summary>
    CreateOnly,
}

/// <summary>
/// An object to delete. The API server compares the uid, so a newer object of the same name is left alone.
/// </summary>
/// <param name="Child">The object.</param>
public sealed record PlannedDeletion(ChildIdentity Child)
{
    /// <summary>When it is deleted, relative to the objects that are applied.</summary>
    public DeletionTiming Timing { get; init; } = DeletionTiming.WhenComplete;

    /// <summary>The grace period in seconds; null for the object's own.</summary>
    public int? GraceSeconds { get; init; }
}

/// <summary>When a deletion happens, relative to the objects that the same plan applies.</summary>
public enum DeletionTiming
{
    /// <summary>Before anything is applied, even if applying then fails.</summary>
    First,

    /// <summary>
    /// After everything was applied, unless a request failed. A name that belongs to another owner does not delay it.
    /// </summary>
    UnlessFailed,

    /// <summary>
    /// After everything was applied, unless objects of a later stage are withheld. A refused object alone does not
    /// delay it.
    /// </summary>
    UnlessWithheld,

    /// <summary>Only when everything planned is in place.</summary>
    WhenComplete,
}

/// <summary>Identifies an object of any kind.</summary>
/// <param name="ApiVersion">Group and version as the object states them.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace; null for a cluster-scoped object.</param>
/// <param name="Name">The name.</param>
/// <param name="Uid">The uid of an object that was observed; null for one that is only planned.</param>
public sealed record ChildIdentity(string ApiVersion, string Kind, string? Namespace, string Name, string? Uid = null)
{
    /// <summary>The identity of a planned object.</summary>
    public static ChildIdentity FromObject(IKubernetesObject<V1ObjectMeta> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new(content.ApiVersion, content.Kind, content.Metadata.NamespaceProperty, content.Metadata.Name);
    }

    /// <summary>The identity of an observed object of a type that the client library knows.</summary>
    public static ChildIdentity For<T>(string? ns, string name, string? uid)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var entity = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()!;
        var version = string.IsNullOrEmpty(entity.Group) ? entity.ApiVersion : $"{entity.Group}/{entity.ApiVersion}";
        return new(version, entity.Kind, ns, name, uid);
    }
}
