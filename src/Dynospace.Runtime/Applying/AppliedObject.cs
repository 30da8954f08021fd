namespace Dynospace.Runtime.Applying;

/// <summary>An object that was written.</summary>
/// <param name="Reference">Which.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="WasCreated">Whether it did not exist before.</param>
/// <param name="Cause">Why it was written: the first difference, for logs.</param>
public sealed record AppliedObject(ObjectReference Reference, string Uid, bool WasCreated, string Cause);
