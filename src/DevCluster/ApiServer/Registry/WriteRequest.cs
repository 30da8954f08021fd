using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>One write as the registry carries it out, for every verb.</summary>
/// <param name="Definition">The resource in its storage version.</param>
/// <param name="Next">Makes the wanted state from the stored one (null: does not exist); must not modify its
/// argument.</param>
internal sealed record WriteRequest(
    ResourceDefinition Definition,
    string? Namespace,
    string Name,
    WriteOptions Options,
    Func<JsonObject?, JsonObject> Next)
{
    /// <summary>True when <see cref="Next"/> has set managedFields itself, as server-side apply does.</summary>
    public bool OwnsFields { get; init; }

    /// <summary>What validating admission sees in place of the object: for <c>scale</c>, the Scale.</summary>
    public Func<JsonObject, JsonObject>? View { get; init; }

    /// <summary>
    /// The object as its fields are tracked: what is missing in it leaves the entries of field managers. Null for the
    /// object itself.
    /// </summary>
    public Func<JsonObject, JsonObject>? Tracked { get; init; }

    /// <summary>Receives the warnings of admission for a write that is accepted.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>True when the object is to be created where it does not exist; else that is a 404.</summary>
    public bool CreatesMissing { get; init; }
}

/// <summary>The options of a write.</summary>
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

/// <summary>The result of a write.</summary>
/// <param name="Object">The state after it.</param>
/// <param name="Created">True when the object did not exist before (201).</param>
internal sealed record WriteResult(StoredObject Object, bool Created);
