using System.Net.Http.Headers;
using System.Text;
using k8s;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>Plain HTTP clients for what a kubeconfig describes.</summary>
internal static class KubeconfigClients
{
    public static HttpClient Create(string kubeconfig)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(kubeconfig));
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(stream);
        var client = new Kubernetes(configuration).HttpClient;
        client.BaseAddress = new Uri(configuration.Host);
        client.DefaultRequestHeaders.UserAgent.Clear();
        client.DefaultRequestHeaders.UserAgent.ParseAdd("conformance/1.0");
        if (configuration.AccessToken is { } token)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }
}
