using System.Text;

namespace DevCluster.ApiServer.Certificates;

/// <summary>Writes a kubeconfig for one user of one cluster.</summary>
internal static class KubeconfigBuilder
{
    /// <param name="cluster">The name of the cluster and of the context.</param>
    public static string Build(string cluster, Uri address, string authorityPem, string user, string token)
    {
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem));
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: {cluster}
              cluster:
                server: {address.ToString().TrimEnd('/')}
                certificate-authority-data: {authority}
            users:
            - name: {user}
              user:
                token: {token}
            contexts:
            - name: {cluster}
              context:
                cluster: {cluster}
                user: {user}
            current-context: {cluster}

            """;
    }
}
