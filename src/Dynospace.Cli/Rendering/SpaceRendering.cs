using Dynospace.Planning.Facts;
using k8s;
using k8s.Models;

namespace Dynospace.Cli.Rendering;

/// <summary>What becomes of one Space.</summary>
/// <param name="Facts">What its apps see of it; null where it gets no namespace.</param>
/// <param name="Objects">Its namespace and policies.</param>
/// <param name="Problems">What stands in the way.</param>
internal sealed record SpaceRendering(SpaceFacts? Facts, IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects, IReadOnlyList<RenderProblem> Problems);
