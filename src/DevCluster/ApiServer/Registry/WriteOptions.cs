using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>What goes with a write besides the object.</summary>
/// <param name="FieldManager">Who owns the fields that the write sets.</param>
/// <param name="Subresource">Null for the object itself, else <c>status</c> or <c>scale</c>.</param>
/// <param name="DryRun">Run admission and validation, answer the result, store nothing.</param>
public sealed record WriteOptions(string FieldManager, string? Subresource = null, bool DryRun = false)
{
    /// <summary>Who writes; null for a part of the control plane, which its field manager names.</summary>
    public UserInfo? Author { get; init; }

    /// <summary>The version of the resource that the request was for; null for the one that is stored.</summary>
    internal ResourceDefinition? Requested { get; init; }

    /// <summary>How the field <c>data</c> was spelled.</summary>
    internal SentData Data { get; init; }
}
