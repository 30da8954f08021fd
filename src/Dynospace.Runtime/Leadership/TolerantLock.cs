using System.Net;
using k8s.Autorest;
using k8s.LeaderElection;

namespace Dynospace.Runtime.Leadership;

/// <summary>
/// Stands between KubernetesClient's elector and its lock. The elector gives up leadership at the first connection
/// failure, although the deadline is seconds away; it never takes a lease without a holder, which is how other clients
/// release one; and it writes times that the API server refuses if they fall on a whole second.
/// </summary>
internal sealed class TolerantLock(ILock inner) : ILock
{
    public string Identity => inner.Identity;

    public string Describe() => inner.Describe();

    public async Task<LeaderElectionRecord> GetAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var record = await inner.GetAsync(cancellationToken);

            // The elector takes null to mean that the lease must be created, but it exists.
            record.HolderIdentity ??= "";
            record.AcquireTime ??= DateTime.UnixEpoch;
            record.RenewTime ??= DateTime.UnixEpoch;
            return record;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            // The one exception after which the elector retries until the deadline.
            using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            throw new HttpOperationException("The API server cannot be reached.", e)
            {
                Response = new HttpResponseMessageWrapper(response, ""),
            };
        }
    }

    public Task<bool> CreateAsync(LeaderElectionRecord record, CancellationToken cancellationToken = default) =>
        TryAsync(inner.CreateAsync, record, cancellationToken);

    public Task<bool> UpdateAsync(LeaderElectionRecord record, CancellationToken cancellationToken = default) =>
        TryAsync(inner.UpdateAsync, record, cancellationToken);

    private static async Task<bool> TryAsync(
        Func<LeaderElectionRecord, CancellationToken, Task<bool>> write, LeaderElectionRecord record,
        CancellationToken cancellationToken)
    {
        record.AcquireTime = MicroTime.ForApi(record.AcquireTime);
        record.RenewTime = MicroTime.ForApi(record.RenewTime);
        try
        {
            return await write(record, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            return false;
        }
    }
}
