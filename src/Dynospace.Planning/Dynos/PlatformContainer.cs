using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>Builds the platform's own containers in the pods of dynos: the gate and the recorder.</summary>
internal static class PlatformContainer
{
    /// <summary>The image's unprivileged user. It is set even if a space lets images choose their user.</summary>
    public const long User = 65_532;

    public static V1Container Build(
        string name,
        string? image,
        IList<string> arguments,
        (string Processor, string Memory) requests,
        (string Processor, string Memory) limits) =>
        new()
        {
            Name = name,
            Image = image,
            Args = arguments,
            Resources = new() { Requests = Quantities(requests), Limits = Quantities(limits) },
            SecurityContext = new()
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                RunAsNonRoot = true,
                RunAsUser = User,
                Capabilities = new() { Drop = ["ALL"] },
            },
        };

    private static Dictionary<string, ResourceQuantity> Quantities((string Processor, string Memory) amounts) =>
        new() { ["cpu"] = new(amounts.Processor), ["memory"] = new(amounts.Memory) };
}
