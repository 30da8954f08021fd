using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>What the operator would make of manifests.</summary>
/// <param name="Objects">Every object in the order in which it would come to be, space by space.</param>
/// <param name="Problems">What stands in the way.</param>
internal sealed record RenderedPlatform(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects, IReadOnlyList<RenderProblem> Problems);
