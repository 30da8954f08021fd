using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>A write on its way to the store.</summary>
/// <param name="Object">The new state, to be edited in place by mutating plugins; null for Delete.</param>
/// <param name="Old">The stored state, not to be touched; null for Create.</param>
/// <param name="Registry">For reads of other objects.</param>
public sealed record AdmissionContext(
    AdmissionOperation Operation,
    ResourceId Resource,
    string? Subresource,
    string? Namespace,
    string Name,
    JsonObject? Object,
    JsonObject? Old,
    bool DryRun,
    IResourceRegistry Registry)
{
    /// <summary>The resource in the version that the request was for.</summary>
    public required ResourceDefinition Definition { get; init; }

    /// <summary>Who writes.</summary>
    public UserInfo User => Options.Author ?? UserInfo.ControlPlane(Options.FieldManager);

    /// <summary>What came with the write besides the object.</summary>
    public WriteOptions Options { get; init; } = new("");

    /// <summary>
    /// What plugins want the caller told although the write is fine; sent as <c>Warning: 299</c> headers.
    /// </summary>
    public IList<string> Warnings { get; init; } = new List<string>();
}
