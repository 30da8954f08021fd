using Dynospace.Cli.Rendering;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>The cluster as it would be with the manifests applied and nothing else in it.</summary>
internal static class ManifestWorld
{
    public static ReachWorld Of(RenderSource source) => new()
    {
        Spaces = source.Input.Spaces,
        Objects = [.. source.Input.Others.Concat(source.Rendered.Objects.Select(item => item is V1Namespace made ? Merged(made, source.Input) : item))],
        PodRanges = source.PodRanges,
    };

    /// <summary>What the operator applies adds to what was there.</summary>
    private static V1Namespace Merged(V1Namespace made, PlatformInput input)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var there = input.OthersIn<V1Namespace>(null).Where(item => item.Metadata.Name == made.Metadata.Name);
        foreach (var (key, value) in there.Append(made).SelectMany(item => item.Metadata.Labels ?? new Dictionary<string, string>()))
        {
            labels[key] = value;
        }

        return new V1Namespace { Metadata = new V1ObjectMeta { Name = made.Metadata.Name, Labels = labels } };
    }
}
