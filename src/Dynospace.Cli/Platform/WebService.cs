using Dynospace.Runtime;

namespace Dynospace.Cli.Platform;

/// <summary>What is kept of a Service that belongs to an app.</summary>
/// <param name="Key">Its name, which for the web Service is the app's.</param>
/// <param name="Address">Where it answers; null for a headless one.</param>
internal sealed record WebService(ObjectKey Key, string? Address);
