using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>One write as the registry carries it out, whichever verb it came from.</summary>
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

    /// <summary>Told what admission wants the caller to know of a write that is fine otherwise.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>True when the object is to be created where it does not exist; else that is a 404.</summary>
    public bool CreatesMissing { get; init; }
}
