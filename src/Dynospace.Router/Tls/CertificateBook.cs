using Dynospace.Router.Metrics;
using Dynospace.Runtime;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Tls;

/// <summary>
/// Remembers the last valid certificate of each Secret. It stays in force if the Secret becomes invalid, expires or is
/// deleted: serving none would turn a mistake into an outage. Not thread-safe.
/// </summary>
internal sealed class CertificateBook
{
    private readonly Dictionary<ObjectKey, Entry> _entries = [];

    /// <summary>Takes the current content of a Secret; null if it does not exist.</summary>
    public void Take(ObjectKey key, TlsSecretState? state, DateTimeOffset now)
    {
        var last = _entries.GetValueOrDefault(key).Certificate;
        var read = state?.Certificate;
        var keepsLast = read is null || (!read.IsValidAt(now) && last?.IsValidAt(now) == true);
        _entries[key] = new Entry(
            keepsLast ? last : read, state is null ? TlsSecretProblem.Missing : state.Problem ?? Validity(read!, now));
    }

    /// <summary>Forgets Secrets that no app references any more.</summary>
    public void KeepOnly(IReadOnlySet<ObjectKey> keys)
    {
        foreach (var key in _entries.Keys.Where(key => !keys.Contains(key)).ToList())
        {
            _entries.Remove(key);
        }
    }

    public ServerCertificate? Find(ObjectKey key) => _entries.GetValueOrDefault(key).Certificate;

    /// <summary>
    /// The problem of a Secret's certificate for the hosts of the app that references it; null for none.
    /// </summary>
    public TlsSecretProblem? ProblemOf(ObjectKey key, IReadOnlyCollection<string> hosts, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return null;
        }

        return entry switch
        {
            { Problem: { } problem } => problem,
            { Certificate: { } certificate } when !certificate.IsValidAt(now) => TlsSecretProblem.NotValidNow,
            { Certificate: { } certificate } when hosts.Count > 0 && !hosts.Any(certificate.Covers) =>
                TlsSecretProblem.HostMismatch,
            _ => null,
        };
    }

    /// <summary>
    /// The best certificate of an app for a host. Valid ones come first; among them those with exactly this name come
    /// before wildcards, and then the one that expires last.
    /// </summary>
    public ServerCertificate? Best(string host, IEnumerable<ObjectKey> secrets, DateTimeOffset now) =>
        secrets.Select(Find).OfType<ServerCertificate>().Where(certificate => certificate.Covers(host))
            .OrderByDescending(certificate => certificate.IsValidAt(now))
            .ThenByDescending(certificate => certificate.CoversExactly(host))
            .ThenByDescending(certificate => certificate.NotAfter)
            .FirstOrDefault();

    private static TlsSecretProblem? Validity(ServerCertificate certificate, DateTimeOffset now) =>
        certificate.IsValidAt(now) ? null : TlsSecretProblem.NotValidNow;

    private readonly record struct Entry(ServerCertificate? Certificate, TlsSecretProblem? Problem);
}

/// <summary>Logs the problem of a Secret once, and once that it is fixed, without the content.</summary>
internal sealed class CertificateProblems(ILogger logger)
{
    private Dictionary<ObjectKey, TlsSecretProblem> _known = [];

    public void Report(Dictionary<ObjectKey, TlsSecretProblem> problems)
    {
        foreach (var (key, problem) in _known.Where(entry => !Holds(problems, entry)))
        {
            EdgeMetrics.CertificateProblem(key, problem.ToString(), -1);
            if (!problems.ContainsKey(key))
            {
                logger.LogInformation("The certificate of Secret {Secret} is in order", key);
            }
        }

        foreach (var (key, problem) in problems.Where(entry => !Holds(_known, entry)))
        {
            EdgeMetrics.CertificateProblem(key, problem.ToString(), 1);
            logger.LogWarning(
                "Secret {Secret} holds no certificate to serve: {Problem}; the last good one stays", key, problem);
        }

        _known = problems;
    }

    private static bool Holds(
        Dictionary<ObjectKey, TlsSecretProblem> problems, KeyValuePair<ObjectKey, TlsSecretProblem> entry) =>
        problems.TryGetValue(entry.Key, out var problem) && problem == entry.Value;
}
