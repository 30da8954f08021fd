using System.Text.Json.Nodes;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Spaces;

/// <summary>
/// Releases an adopted namespace, which the operator must not delete, by removing only what the space added to it.
/// </summary>
public sealed class NamespaceRelease(IApiTransport transport)
{
    /// <summary>Releases the namespace. Returns null if it is released or does not exist.</summary>
    public async Task<ApplyFailure?> ReleaseAsync(string ns, SpacePlan plan, CancellationToken cancellationToken)
    {
        var key = ObjectKey.ClusterScoped(ns);
        var metadata = new JsonObject
        {
            ["labels"] = Nulls(plan.LabelsToRemove),
            ["annotations"] = Nulls(plan.AnnotationsToRemove),
        };
        try
        {
            await transport.PatchMetadataAsync(Kinds.Namespace, key, metadata, cancellationToken);
            return null;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            // Every failure is retried: the Space must not be deleted before its namespace is released.
            return FailureClassifier.Describe(new ObjectReference(Kinds.Namespace, key), e) with
            {
                Class = FailureClass.Transient,
            };
        }
    }

    private static JsonObject Nulls(IEnumerable<string> names) =>
        new(names.Select(name => KeyValuePair.Create(name, (JsonNode?)null)));
}
