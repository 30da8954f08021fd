using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>The part of meta/v1 DeleteOptions that this server knows.</summary>
/// <param name="GracePeriodSeconds">Pods only; null takes the pod's own, 0 removes at once.</param>
/// <param name="Propagation">Null means the default, Background.</param>
/// <param name="PreconditionUid">Refuse with 409 unless the object has this uid.</param>
/// <param name="PreconditionResourceVersion">Refuse with 409 unless the object is at this version.</param>
/// <param name="DryRun">Answer as if deleted, delete nothing.</param>
public sealed record DeletionOptions(
    long? GracePeriodSeconds = null,
    DeletionPropagation? Propagation = null,
    string? PreconditionUid = null,
    string? PreconditionResourceVersion = null,
    bool DryRun = false)
{
    /// <inheritdoc cref="WriteOptions.Author"/>
    public UserInfo? Author { get; init; }

    /// <inheritdoc cref="WriteOptions.Requested"/>
    internal ResourceDefinition? Requested { get; init; }

    /// <inheritdoc cref="WriteRequest.OnWarning"/>
    internal Action<string>? OnWarning { get; init; }
}
