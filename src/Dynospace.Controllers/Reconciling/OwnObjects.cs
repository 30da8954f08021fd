using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Reconciling;

/// <summary>Lists objects of other programs' kinds that the operator made, when no cache holds them.</summary>
public static class OwnObjects
{
    /// <summary>A kind that is missing, or that we may not read, has no objects of ours.</summary>
    public static async Task<IReadOnlyList<LiveObject>> ListOwnAsync(
        this IApiTransport transport, ResourceKind kind, string labels, CancellationToken cancellationToken)
    {
        var found = new List<LiveObject>();
        try
        {
            var query = new ListQuery { LabelSelector = labels };
            await foreach (var live in transport.ListAllAsync(
                kind, query, item => LiveObject.Decode(kind, item), cancellationToken))
            {
                found.Add(live);
            }
        }
        catch (ApiException e) when (FailureClassifier.Classify(e) != FailureClass.Transient)
        {
            return found;
        }

        return found;
    }
}
