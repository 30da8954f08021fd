using k8s;
using k8s.Models;

namespace Dynospace.Cli.Dev.Routers;

/// <summary>Signs in as a router's own service account, so that it may read here what it may read anywhere.</summary>
internal sealed class RouterCredentials(KubernetesClientConfiguration administrator)
{
    private const int LifetimeSeconds = 365 * 24 * 3600;

    public async Task<KubernetesClientConfiguration> OfAsync(string ns, string account, CancellationToken cancellationToken)
    {
        using var client = new Kubernetes(administrator);
        var answer = await client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = LifetimeSeconds } },
            account,
            ns,
            cancellationToken: cancellationToken);
        return new KubernetesClientConfiguration
        {
            Host = administrator.Host,
            SslCaCerts = administrator.SslCaCerts,
            AccessToken = answer.Status.Token,
        };
    }
}
