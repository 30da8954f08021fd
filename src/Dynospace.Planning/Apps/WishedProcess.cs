namespace Dynospace.Planning.Apps;

/// <summary>One process type of the wished formation.</summary>
internal sealed record WishedProcess(string Type, int Quantity, string Size, bool HasCommand);
