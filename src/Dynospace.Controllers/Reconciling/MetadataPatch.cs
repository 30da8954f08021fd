using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Reconciling;

/// <summary>Changes single labels and annotations of objects that the operator does not apply as a whole.</summary>
public static class MetadataPatch
{
    /// <param name="transport">Sends the patch.</param>
    /// <param name="kind">The kind of the object.</param>
    /// <param name="key">The object.</param>
    /// <param name="metadata">
    /// The members to change, null for those to remove. With a uid, the server refuses to change another object that
    /// has taken the name.
    /// </param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public static Task PatchMetadataAsync(
        this IApiTransport transport,
        ResourceKind kind,
        ObjectKey key,
        JsonObject metadata,
        CancellationToken cancellationToken) =>
        transport.PatchAsync(
            kind,
            key,
            PatchFormat.Merge,
            new JsonObject { ["metadata"] = metadata },
            new WriteQuery { FieldManager = DynospaceGroup.FieldManager },
            cancellationToken);
}
