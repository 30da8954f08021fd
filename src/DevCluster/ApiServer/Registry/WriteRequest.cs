using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>A write of any verb.</summary>
/// <param name="Definition">The resource in its storage version.</param>
/// <param name="Next">Computes the requested state from the stored one (null: does not exist), which it must not
/// modify.</param>
internal sealed record WriteRequest(
    ResourceDefinition Definition,
    string? Namespace,
    string Name,
    WriteOptions Options,
    Func<JsonObject?, JsonObject> Next)
{
    /// <summary>Whether <see cref="Next"/> sets managedFields itself, as server-side apply does.</summary>
    public bool OwnsFields { get; init; }

    /// <summary>The object for validating admission, if it differs: for <c>scale</c>, the Scale.</summary>
    public Func<JsonObject, JsonObject>? View { get; init; }

    /// <summary>
    /// The object for field tracking: fields missing in it are removed from all field managers. Null uses the object
    /// itself.
    /// </summary>
    public Func<JsonObject, JsonObject>? Tracked { get; init; }

    /// <summary>Receives the admission warnings of an accepted write.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Whether to create a missing object instead of returning 404.</summary>
    public bool CreatesMissing { get; init; }
}

/// <summary>The options of a write.</summary>
/// <param name="FieldManager">The owner of the fields that the write sets.</param>
/// <param name="Subresource">Null for the object itself, otherwise <c>status</c> or <c>scale</c>.</param>
/// <param name="DryRun">Runs admission and validation and returns the result without storing it.</param>
public sealed record WriteOptions(string FieldManager, string? Subresource = null, bool DryRun = false)
{
    /// <summary>The author; null for a control plane component, which the field manager identifies.</summary>
    public UserInfo? Author { get; init; }

    /// <summary>The version of the resource in the request; null for the storage version.</summary>
    internal ResourceDefinition? Requested { get; init; }

    /// <summary>The original text of the <c>data</c> field.</summary>
    internal SentData Data { get; init; }
}

/// <summary>The result of a write.</summary>
/// <param name="Object">The state after the write.</param>
/// <param name="Created">Whether the object is new (201).</param>
internal sealed record WriteResult(StoredObject Object, bool Created);
