using System.Text;
using k8s;

namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>Reads kubeconfigs that need not be files.</summary>
internal static class Kubeconfigs
{
    public static KubernetesClientConfiguration Read(string kubeconfig)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(kubeconfig));
        return KubernetesClientConfiguration.BuildConfigFromConfigFile(stream);
    }

    /// <summary>The same server through a local port.</summary>
    public static KubernetesClientConfiguration Through(string kubeconfig, int port)
    {
        var configuration = Read(kubeconfig);
        var server = new Uri(configuration.Host);
        configuration.Host = $"{server.Scheme}://127.0.0.1:{port}";
        if (!server.IsLoopback)
        {
            configuration.TlsServerName ??= server.Host;
        }

        return configuration;
    }

    /// <summary>The same server for another user, who signs in by a token alone.</summary>
    public static KubernetesClientConfiguration As(KubernetesClientConfiguration configuration, string token)
    {
        configuration.AccessToken = token;
        configuration.ClientCertificateData = null;
        configuration.ClientCertificateKeyData = null;
        configuration.ClientCertificateFilePath = null;
        configuration.ClientKeyFilePath = null;
        configuration.Username = null;
        configuration.Password = null;
        configuration.TokenProvider = null;
        return configuration;
    }
}
