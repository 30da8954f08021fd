using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// Creates the default service account of every namespace and the CA with which pods verify the API server.
/// </summary>
internal sealed class NamespaceContents(ControlPlaneContext cluster) : IController
{
    /// <summary>The ConfigMap that holds the cluster's CA.</summary>
    public const string RootCertificates = "kube-root-ca.crt";

    private readonly ClusterWriter _writer = cluster.WriterFor("kube-controller-manager");
    private readonly DueSet<string> _due = new();

    public void Observe(ObjectChange change)
    {
        if (change.Object.Resource == KnownResources.Namespaces)
        {
            if (change.Type != ChangeType.Deleted)
            {
                _due.Add(change.Object.Name);
            }
        }
        else if (IsOurs(change.Object) && change.Type != ChangeType.Added && change.Object.Namespace is { } ns)
        {
            _due.Add(ns);
        }
    }

    public bool Work() => _due.Drain(Ensure);

    private static bool IsOurs(StoredObject found) =>
        (found.Resource == KnownResources.ServiceAccounts && found.Name == "default")
        || (found.Resource == KnownResources.ConfigMaps && found.Name == RootCertificates);

    private void Ensure(string ns)
    {
        var home = cluster.View.Get(KnownResources.Namespaces, new ObjectKey("", ns));
        if (home is null || home.Content.IsTerminating())
        {
            return;
        }

        if (cluster.View.Get(KnownResources.ServiceAccounts, new ObjectKey(ns, "default")) is null)
        {
            _writer.Create(KnownResources.ServiceAccounts, Content("ServiceAccount", ns, "default"));
        }

        if (cluster.Options.CertificateAuthority is { } authority)
        {
            EnsureCertificates(ns, authority);
        }
    }

    private void EnsureCertificates(string ns, string authority)
    {
        var found = cluster.View.Get(KnownResources.ConfigMaps, new ObjectKey(ns, RootCertificates));
        if (found is null)
        {
            var content = Content("ConfigMap", ns, RootCertificates);
            content["data"] = new JsonObject { ["ca.crt"] = authority };
            _writer.Create(KnownResources.ConfigMaps, content);
        }
        else if (found.Content.Text("data", "ca.crt") != authority)
        {
            _writer.Update(found, content => content["data"] = new JsonObject { ["ca.crt"] = authority });
        }
    }

    private static JsonObject Content(string kind, string ns, string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
    };
}
