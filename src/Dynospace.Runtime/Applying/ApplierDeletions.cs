namespace Dynospace.Runtime.Applying;

/// <summary>Deletions of several objects.</summary>
public static class ApplierDeletions
{
    /// <summary>Deletes exactly these objects, one after the other, and goes on when one fails; the failures.</summary>
    public static async Task<List<ApplyFailure>> DeleteAllAsync(this IApplier applier, IEnumerable<LiveObject> objects, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(applier);
        ArgumentNullException.ThrowIfNull(objects);
        var failures = new List<ApplyFailure>();
        foreach (var live in objects)
        {
            if (await applier.DeleteAsync(live, cancellationToken) is { } failure)
            {
                failures.Add(failure);
            }
        }

        return failures;
    }
}
