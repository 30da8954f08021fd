using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Applying;

/// <summary>A desired object as it is sent.</summary>
/// <param name="Desired">What was asked for.</param>
/// <param name="Content">The content with the applier's marks and without what the server decides.</param>
/// <param name="Hash">What the hash annotation says.</param>
internal sealed record PreparedObject(DesiredObject Desired, JsonObject Content, string Hash)
{
    public ObjectReference Reference { get; } = new(Desired.Kind, Desired.Key);
}
