using System.Text;

namespace DevCluster.ApiServer.Certificates;

/// <summary>Writes a kubeconfig for one user of one cluster.</summary>
internal static class KubeconfigBuilder
{
    private const string ClusterName = "dynospace-dev";

    public static string Build(Uri address, string authorityPem, string user, string token)
    {
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem));
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: {ClusterName}
              cluster:
                server: {address.ToString().TrimEnd('/')}
                certificate-authority-data: {authority}
            users:
            - name: {user}
              user:
                token: {token}
            contexts:
            - name: {ClusterName}
              context:
                cluster: {ClusterName}
                user: {user}
            current-context: {ClusterName}

            """;
    }
}
