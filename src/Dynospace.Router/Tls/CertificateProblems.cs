using Dynospace.Router.Metrics;
using Dynospace.Runtime;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Tls;

/// <summary>Tells once what is wrong with a Secret, and once that it is well again; never a word of what is in it.</summary>
internal sealed class CertificateProblems(ILogger logger)
{
    private Dictionary<ObjectKey, TlsSecretProblem> _known = [];

    public void Report(Dictionary<ObjectKey, TlsSecretProblem> problems)
    {
        foreach (var (key, problem) in _known.Where(entry => !Holds(problems, entry)))
        {
            EdgeMetrics.CertificateProblem(key, problem, -1);
            if (!problems.ContainsKey(key))
            {
                logger.LogInformation("The certificate of Secret {Secret} is in order", key);
            }
        }

        foreach (var (key, problem) in problems.Where(entry => !Holds(_known, entry)))
        {
            EdgeMetrics.CertificateProblem(key, problem, 1);
            logger.LogWarning("Secret {Secret} holds no certificate to serve: {Problem}; the last good one stays", key, problem);
        }

        _known = problems;
    }

    private static bool Holds(Dictionary<ObjectKey, TlsSecretProblem> problems, KeyValuePair<ObjectKey, TlsSecretProblem> entry) =>
        problems.TryGetValue(entry.Key, out var problem) && problem == entry.Value;
}
