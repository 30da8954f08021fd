using System.Text.Json.Nodes;
using DevCluster.ApiServer.Defaults;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>
/// Requires that a pod's service account exists, and mounts its token unless the pod or the account opts out.
/// </summary>
internal sealed class ServiceAccountAdmission : IAdmissionPlugin
{
    private const string TokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    public void Admit(AdmissionContext context)
    {
        if (context.Resource != KnownResources.Pods || context.Operation != AdmissionOperation.Create
            || context.Subresource is not null || context.Object?.Map("spec") is not { } spec)
        {
            return;
        }

        if (string.IsNullOrEmpty(spec.Text("serviceAccountName")))
        {
            spec["serviceAccountName"] = "default";
        }

        var name = spec.Text("serviceAccountName")!;
        spec["serviceAccount"] = name;
        var account = context.Registry.Get(KnownResources.ServiceAccounts, context.Namespace, name)?.Content
            ?? throw Refusal.Forbidden(
                context,
                $"error looking up service account {context.Namespace}/{name}: serviceaccount \"{name}\" not found");

        if (spec.Flag("automountServiceAccountToken") ?? account.Flag("automountServiceAccountToken") ?? true)
        {
            MountToken(spec);
        }

        if (spec.List("imagePullSecrets") is not { Count: > 0 }
            && account.List("imagePullSecrets") is { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets.DeepClone();
        }
    }

    private static void MountToken(JsonObject spec)
    {
        var volume = spec.Items("volumes").Select(existing => existing.Text("name"))
            .FirstOrDefault(existing => existing?.StartsWith("kube-api-access-", StringComparison.Ordinal) == true);
        var isNew = volume is null;
        volume ??= NameGenerator.Generate("kube-api-access-");
        var isMounted = false;
        foreach (var container in PodDefaults.Containers(spec))
        {
            if (container.Items("volumeMounts").Any(mount => mount.Text("mountPath") == TokenPath))
            {
                continue;
            }

            isMounted = true;
            container.EnsureList("volumeMounts").Add(new JsonObject
            {
                ["name"] = volume,
                ["readOnly"] = true,
                ["mountPath"] = TokenPath,
            });
        }

        if (isMounted && isNew)
        {
            spec.EnsureList("volumes").Add(TokenVolume(volume));
        }
    }

    private static JsonObject TokenVolume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject
                {
                    ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" },
                },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["name"] = "kube-root-ca.crt",
                        ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "namespace",
                            ["fieldRef"] = new JsonObject
                            {
                                ["apiVersion"] = "v1",
                                ["fieldPath"] = "metadata.namespace",
                            },
                        }),
                    },
                }),
            ["defaultMode"] = 420,
        },
    };
}
