using System.Collections.Frozen;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>
/// Refuses creation in a missing or terminating namespace, and deletion of the cluster's own namespaces.
/// </summary>
internal sealed class NamespaceLifecycle : IAdmissionPlugin
{
    private static readonly FrozenSet<string> Protected = ["default", "kube-system", "kube-public"];

    public void Admit(AdmissionContext context)
    {
        if (context.Resource == KnownResources.Namespaces)
        {
            if (context.Operation == AdmissionOperation.Delete && Protected.Contains(context.Name))
            {
                throw Refusal.Forbidden(context, "this namespace may not be deleted");
            }

            return;
        }

        if (context.Operation != AdmissionOperation.Create || context.Namespace is not { Length: > 0 } name)
        {
            return;
        }

        var home = context.Registry.Get(KnownResources.Namespaces, null, name)
            ?? throw ApiErrors.NotFound(KnownResources.Namespaces, name);
        if (home.Content.IsTerminating() || home.Content.Text("status", "phase") == "Terminating")
        {
            throw Refusal.Forbidden(
                context,
                $"unable to create new content in namespace {name} because it is being terminated",
                new FieldError("metadata.namespace", "NamespaceTerminating", $"namespace {name} is being terminated"));
        }
    }
}
