using Dynospace.Reachability.Addresses;

namespace Dynospace.Cli.Rendering;

/// <summary>Manifests and what becomes of them.</summary>
/// <param name="Input">What the manifests hold.</param>
/// <param name="PodRanges">Where pods will get their addresses.</param>
/// <param name="Rendered">What the operator makes of it.</param>
internal sealed record RenderSource(PlatformInput Input, CidrSet PodRanges, RenderedPlatform Rendered);
