namespace Dynospace.Planning.Apps;

/// <summary>All that planning knows of a Secret: a keyed or plain SHA-256 of its data in hexadecimal.</summary>
public sealed record SecretDigest(string Name, string Hash);
