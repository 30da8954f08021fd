namespace Dynospace.Planning.Apps;

/// <summary>A Secret as apps see it: its name, a hash of its content, and whether it is a service account's token.</summary>
public sealed record SecretDigest(string Name, string Hash, bool IsToken = false);
