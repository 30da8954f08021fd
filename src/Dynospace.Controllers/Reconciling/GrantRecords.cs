using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Grants;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Controllers.Reconciling;

/// <summary>
/// Writes the records of grants. Competing claims race to create the same ConfigMap, and the API server lets one of
/// them win, whatever the caches contain.
/// </summary>
public sealed class GrantRecords(IApiTransport transport, string systemNamespace)
{
    private static readonly WriteQuery Write = new() { FieldManager = DynospaceGroup.FieldManager };

    /// <summary>The key of the record of this name.</summary>
    public ObjectKey KeyOf(string name) => new(systemNamespace, name);

    public async Task<V1ConfigMap> ReadAsync(Grant grant, CancellationToken cancellationToken) =>
        JsonObjects.To<V1ConfigMap>(
            await transport.GetAsync(Kinds.ConfigMap, KeyOf(grant.Name), cancellationToken));

    public Task CreateAsync(Grant grant, CancellationToken cancellationToken) => transport.CreateAsync(
        Kinds.ConfigMap, JsonObjects.From(grant.ToConfigMap(systemNamespace)), Write, cancellationToken);

    public Task<bool> TryCreateAsync(
        Grant grant, List<ApplyFailure> failures, CancellationToken cancellationToken) =>
        TryAsync(grant, failures, _ => CreateAsync(grant, cancellationToken));

    public Task<bool> TryDeleteAsync(
        Grant grant, List<ApplyFailure> failures, CancellationToken cancellationToken) =>
        TryAsync(grant, failures, key => transport.DeleteAsync(
            Kinds.ConfigMap, key, new DeleteQuery { Uid = grant.Uid }, cancellationToken));

    /// <summary>Records since when the holders have been missing; null for holders that are back.</summary>
    public async Task MarkAsync(
        IReadOnlyList<Grant> grants,
        DateTimeOffset? since,
        List<ApplyFailure> failures,
        CancellationToken cancellationToken)
    {
        foreach (var grant in grants)
        {
            var metadata = new JsonObject
            {
                ["uid"] = grant.Uid,
                ["annotations"] = new JsonObject
                {
                    [Annotations.VacantSince] = since?.ToString("O", CultureInfo.InvariantCulture),
                },
            };
            await TryAsync(grant, failures, key => transport.PatchMetadataAsync(
                Kinds.ConfigMap, key, metadata, cancellationToken));
        }
    }

    public ApplyFailure Describe(Grant grant, Exception exception) =>
        FailureClassifier.Describe(new ObjectReference(Kinds.ConfigMap, KeyOf(grant.Name)), exception);

    /// <summary>
    /// A record that is already gone needs no change: the cache reports that, and wakes those who claim it.
    /// </summary>
    /// <returns>Whether the request succeeded.</returns>
    private async Task<bool> TryAsync(Grant grant, List<ApplyFailure> failures, Func<ObjectKey, Task> request)
    {
        try
        {
            await request(KeyOf(grant.Name));
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e))
        {
            failures.Add(Describe(grant, e));
            return false;
        }
    }
}
