// Children: a planned object of any kind with all that applying it needs, and which of the present ones must go.

using System.Reflection;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Children;

// What a planner says about the children of an owner, whatever their kind. Everything that decides how a child is
// written or deleted is a property of the planned object, never of the list that holds it.

/// <summary>
/// What an owner's children must become. A child that is neither planned nor to be deleted stays as it is.
/// </summary>
public sealed record ChildPlan
{
    /// <summary>Nothing to write and nothing to delete.</summary>
    public static ChildPlan Empty { get; } = new();

    /// <summary>The objects that must exist.</summary>
    public IReadOnlyList<PlannedObject> Objects { get; init; } = [];

    /// <summary>The objects that must go, in the order in which they go.</summary>
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

    /// <summary>What keeps an object that already has this name from being taken over.</summary>
    public ChildGuard Guard { get; init; } = ChildGuard.ReadFirst;

    /// <summary>
    /// The uid of an existing object that bears no mark of the owner and may be taken over nevertheless; null for none.
    /// </summary>
    public string? Adopts { get; init; }

    /// <summary>
    /// Whether the object names its owner in its owner references, where the scopes allow it. Without one, the label of
    /// the owner's uid alone marks it, so that garbage collection leaves it to the operator's own order.
    /// </summary>
    public bool HasOwnerReference { get; init; } = true;

    /// <summary>
    /// What is created in the place of an existing object whose change the API server refuses as invalid; null where
    /// that is a failure.
    /// </summary>
    public IKubernetesObject<V1ObjectMeta>? Replacement { get; init; }

    /// <summary>Which object it is.</summary>
    public ChildIdentity Identity => ChildIdentity.FromObject(Content);
}

/// <summary>How the creation of an object is guarded against a namesake of another owner.</summary>
public enum ChildGuard
{
    /// <summary>
    /// The cache holds only our own objects of this kind: the API server is asked before the first write.
    /// </summary>
    ReadFirst,

    /// <summary>
    /// The cache holds all objects of this kind, regardless of who owns them: one that is not in it does not exist.
    /// </summary>
    TrustCache,

    /// <summary>The object is created once and never changed: a namesake makes the creation fail.</summary>
    CreateOnly,
}

/// <summary>
/// An object that must go. The API server compares the uid, so a namesake that took its place is left alone.
/// </summary>
/// <param name="Child">Which object.</param>
public sealed record PlannedDeletion(ChildIdentity Child)
{
    /// <summary>When it is deleted in relation to what is applied.</summary>
    public DeletionTiming Timing { get; init; } = DeletionTiming.WhenComplete;

    /// <summary>How long its processes may take to end, in seconds; null for what the object itself says.</summary>
    public int? GraceSeconds { get; init; }
}

/// <summary>When a deletion happens in relation to what the same plan applies.</summary>
public enum DeletionTiming
{
    /// <summary>Before anything is applied, and whatever becomes of that.</summary>
    First,

    /// <summary>
    /// After everything was applied, unless a request failed. A name that another owner holds does not hold it up.
    /// </summary>
    UnlessFailed,

    /// <summary>
    /// After everything was applied that waits for nothing: a refused object does not hold it up, one that withholds
    /// others does.
    /// </summary>
    UnlessWithheld,

    /// <summary>Only when everything planned is in place.</summary>
    WhenComplete,
}

/// <summary>Names an object of any kind.</summary>
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
