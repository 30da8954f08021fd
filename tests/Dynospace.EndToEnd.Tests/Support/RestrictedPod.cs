using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Support;

/// <summary>Pods made by hand that pass Pod Security <c>restricted</c>, as they must in a space.</summary>
internal static class RestrictedPod
{
    public static V1Pod Of(ObjectKey key, string image, params (string Key, string Value)[] labels) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new()
        {
            Name = key.Name,
            NamespaceProperty = key.Namespace,
            Labels = labels.ToDictionary(label => label.Key, label => label.Value),
        },
        Spec = new()
        {
            AutomountServiceAccountToken = false,
            SecurityContext = new()
            {
                RunAsNonRoot = true,
                RunAsUser = 1000,
                SeccompProfile = new() { Type = "RuntimeDefault" },
            },
            Containers =
            [
                new()
                {
                    Name = "main",
                    Image = image,
                    SecurityContext = new()
                    {
                        AllowPrivilegeEscalation = false,
                        Capabilities = new() { Drop = ["ALL"] },
                    },
                },
            ],
        },
    };
}
