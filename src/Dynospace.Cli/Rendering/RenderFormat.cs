namespace Dynospace.Cli.Rendering;

/// <summary>How objects are printed.</summary>
internal enum RenderFormat
{
    Yaml,
    Json,
    Name,
}
