namespace Dynospace.Runtime.Applying;

/// <summary>The first place where an object is not as desired. It never holds values, which may be secret.</summary>
/// <param name="Path">Where, for people.</param>
/// <param name="Fingerprint">Tells what was found there from other things, in this process.</param>
internal sealed record ContentDifference(string Path, int Fingerprint);
