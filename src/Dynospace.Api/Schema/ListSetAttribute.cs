namespace Dynospace.Api.Schema;

/// <summary>A list of scalars without duplicates (<c>x-kubernetes-list-type: set</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListSetAttribute : Attribute;
