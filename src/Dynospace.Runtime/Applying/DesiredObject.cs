using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Dynospace.Runtime.Applying;

/// <summary>The children of one owner, desired and live.</summary>
/// <param name="Owner">Whose children they are.</param>
/// <param name="Desired">What must exist.</param>
/// <param name="Observed">The cached objects that have the kind and name of a desired one.</param>
public sealed record ApplySet(
    OwnerIdentity Owner, IReadOnlyList<DesiredObject> Desired, IReadOnlyList<LiveObject> Observed);

/// <summary>An object that must exist.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Content">Its desired content; null members mean "no opinion". The applier does not change it.</param>
public sealed record DesiredObject(ResourceKind Kind, JsonObject Content)
{
    /// <summary>Its name.</summary>
    public ObjectKey Key { get; } = JsonObjects.KeyOf(Content);

    /// <summary>Objects of a lower stage are applied first, and withhold this one when they fail.</summary>
    public int Stage { get; init; }

    /// <summary>How an object of the same name that the cache does not hold is kept from being taken over.</summary>
    public CreationGuard Guard { get; init; } = CreationGuard.ReadFirst;

    /// <summary>
    /// Whether an existing object that is not the owner's may be taken over, because that object itself allows it.
    /// </summary>
    public bool MayAdopt { get; init; }

    /// <summary>
    /// Whether the object gets an owner reference, where the scopes allow one. Otherwise only the label names the
    /// owner.
    /// </summary>
    public bool SetOwnerReference { get; init; } = true;

    /// <summary>
    /// Whether the server must store the spec exactly as applied, for objects that security relies on. If the spec
    /// comes back different, that is a failure, which is retried without end.
    /// </summary>
    public bool MustHold { get; init; }

    /// <summary>
    /// Created in place of an existing object whose change the server refuses as invalid; null where that is a failure.
    /// For objects that can be deleted without losing anything else.
    /// </summary>
    public JsonObject? Replacement { get; init; }

    /// <summary>Makes one of a typed object.</summary>
    public static DesiredObject FromContent<T>(T content, ResourceKind? kind = null)
        where T : IKubernetesObject<V1ObjectMeta> => new(kind ?? ResourceKind.For<T>(), JsonObjects.From(content));
}

/// <summary>
/// How an object of the same name that the cache does not hold is kept from being taken over by a forced apply.
/// </summary>
public enum CreationGuard
{
    /// <summary>One read before the first apply: for every kind, and for caches that a selector narrows.</summary>
    ReadFirst,

    /// <summary>
    /// A create, which the server refuses when the name is taken. Only for objects whose fields never change
    /// afterwards, such as pods: the fields of a create belong to another entry of managedFields, so that a later apply
    /// could not remove them.
    /// </summary>
    CreateOnly,

    /// <summary>The cache holds every object of the kind, or no other client uses the name.</summary>
    TrustCache,
}

/// <summary>A status to write.</summary>
/// <param name="Target">Whose status.</param>
/// <param name="Status">The whole status; null members are absent.</param>
/// <param name="LiveStatus">The live status; null for none.</param>
public sealed record StatusUpdate(OwnerIdentity Target, JsonObject Status, JsonObject? LiveStatus)
{
    /// <summary>
    /// Whether the live status differs. Absent, null and empty are equal. Writing an unchanged status would wake the
    /// writer's own controller for ever.
    /// </summary>
    public bool IsChange => LiveStatus is null || !SaysTheSame(Status, LiveStatus);

    /// <summary>Makes one of typed values.</summary>
    public static StatusUpdate FromStatus<TStatus>(OwnerIdentity target, TStatus status, TStatus? liveStatus)
        where TStatus : class =>
        new(target, JsonObjects.From(status), liveStatus is null ? null : JsonObjects.From(liveStatus));

    private static bool SaysTheSame(JsonNode? left, JsonNode? right) => (left, right) switch
    {
        _ when IsNothing(left) || IsNothing(right) => IsNothing(left) && IsNothing(right),
        (JsonObject one, JsonObject other) =>
            one.All(member => SaysTheSame(member.Value, other[member.Key]))
            && other.All(member => one.ContainsKey(member.Key) || IsNothing(member.Value)),
        (JsonArray one, JsonArray other) =>
            one.Count == other.Count && one.Zip(other).All(pair => SaysTheSame(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(left, right),
    };

    private static bool IsNothing(JsonNode? node) =>
        node is null or JsonArray { Count: 0 } || (node is JsonObject members && members.All(member =>
            IsNothing(member.Value)));
}

/// <summary>The result of writing a status.</summary>
/// <param name="WasWritten">
/// Whether the API server accepted it; only then are events about its transitions recorded.
/// </param>
/// <param name="Failure">Why it could not be written; null if it was, or did not have to be.</param>
public sealed record StatusReport(bool WasWritten, ApplyFailure? Failure)
{
    /// <summary>The live status is equal, or its object is gone.</summary>
    public static StatusReport Unchanged { get; } = new(WasWritten: false, Failure: null);

    /// <summary>It was written.</summary>
    public static StatusReport Written { get; } = new(WasWritten: true, Failure: null);

    /// <summary>It could not be written.</summary>
    public static StatusReport Failed(ApplyFailure failure) => new(WasWritten: false, failure);
}
