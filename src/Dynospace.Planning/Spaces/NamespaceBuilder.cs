using Dynospace.Api;
using Dynospace.Api.Spaces;
using k8s.Models;

namespace Dynospace.Planning.Spaces;

/// <summary>Makes the namespace of a space.</summary>
internal static class NamespaceBuilder
{
    private const string PodSecurity = "pod-security.kubernetes.io/";
    private static readonly string[] PodSecurityModes = ["audit", "enforce", "warn"];

    /// <summary>What <see cref="Build"/> writes, and what is taken off when an adopted namespace is released.</summary>
    public static IReadOnlyList<string> LabelKeys { get; } =
    [
        Labels.ManagedBy, Labels.PartOf, Labels.Runtime, Labels.Space,
        .. PodSecurityModes.SelectMany(mode => new[] { PodSecurity + mode, $"{PodSecurity}{mode}-version" }),
    ];

    /// <summary>No owner reference: foreground deletion of the Space would collect the namespace before its dynos have ended.</summary>
    public static V1Namespace Build(Space space)
    {
        var labels = ChildLabels.OfSpace(space.Metadata.Name);
        labels[Labels.Runtime] = space.Spec.Runtime.ToString();
        foreach (var mode in PodSecurityModes)
        {
            labels[PodSecurity + mode] = "restricted";
            labels[$"{PodSecurity}{mode}-version"] = "latest";
        }

        return new()
        {
            ApiVersion = "v1",
            Kind = "Namespace",
            Metadata = new()
            {
                Name = space.Metadata.Name,
                Labels = labels,
                Annotations = new Dictionary<string, string> { [Annotations.SpaceUid] = space.Metadata.Uid ?? "" },
            },
        };
    }
}
