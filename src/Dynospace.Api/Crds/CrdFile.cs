namespace Dynospace.Api.Crds;

/// <summary>One file of <c>crds/</c>.</summary>
/// <param name="Name">Its name, without a folder.</param>
/// <param name="Text">Its YAML.</param>
public sealed record CrdFile(string Name, string Text);
