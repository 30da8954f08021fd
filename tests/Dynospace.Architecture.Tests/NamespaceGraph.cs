using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dynospace.Architecture.Tests;

/// <summary>
/// Which namespaces of one assembly use which others, read from signatures and method bodies. Constants and
/// <c>nameof</c> are inlined by the compiler and leave no trace.
/// </summary>
internal sealed class NamespaceGraph
{
    private readonly ModuleDefinition _module;
    private readonly Dictionary<(string From, string To), SortedSet<string>> _uses = [];

    private NamespaceGraph(ModuleDefinition module) => _module = module;

    /// <summary>Reads an assembly from its file.</summary>
    public static NamespaceGraph FromFile(string path)
    {
        using var module = ModuleDefinition.ReadModule(path);
        var graph = new NamespaceGraph(module);
        foreach (var type in module.GetTypes())
        {
            graph.AddType(type);
        }

        return graph;
    }

    /// <summary>
    /// Groups of namespaces that use one another in a circle, one line per use with the types that make it; empty for a
    /// directed acyclic graph.
    /// </summary>
    public IReadOnlyList<string> Cycles()
    {
        var next = _uses.Keys.ToLookup(use => use.From, use => use.To);
        var reached = next.Select(group => group.Key).ToDictionary(from => from, from => ReachedFrom(from, next));
        return
        [
            .. _uses.Where(use => reached.TryGetValue(use.Key.To, out var back) && back.Contains(use.Key.From))
                .Select(use => $"{use.Key.From} -> {use.Key.To}: {string.Join(", ", use.Value.Take(6))}")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static HashSet<string> ReachedFrom(string from, ILookup<string, string> next)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>(next[from]);
        while (open.TryPop(out var found))
        {
            if (reached.Add(found))
            {
                foreach (var further in next[found])
                {
                    open.Push(further);
                }
            }
        }

        return reached;
    }

    private void AddType(TypeDefinition type)
    {
        AddUse(type, type.BaseType);
        AddAttributes(type, type);
        foreach (var implemented in type.Interfaces)
        {
            AddUse(type, implemented.InterfaceType);
        }

        foreach (var parameter in type.GenericParameters.SelectMany(parameter => parameter.Constraints))
        {
            AddUse(type, parameter.ConstraintType);
        }

        foreach (var field in type.Fields)
        {
            AddUse(type, field.FieldType);
            AddAttributes(type, field);
        }

        foreach (var property in type.Properties)
        {
            AddAttributes(type, property);
        }

        foreach (var method in type.Methods)
        {
            AddMethod(type, method);
        }
    }

    private void AddMethod(TypeDefinition type, MethodDefinition method)
    {
        AddSignature(type, method);
        AddAttributes(type, method);
        foreach (var constraint in method.GenericParameters.SelectMany(parameter => parameter.Constraints))
        {
            AddUse(type, constraint.ConstraintType);
        }

        if (!method.HasBody)
        {
            return;
        }

        foreach (var variable in method.Body.Variables)
        {
            AddUse(type, variable.VariableType);
        }

        foreach (var instruction in method.Body.Instructions)
        {
            AddOperand(type, instruction);
        }
    }

    private void AddOperand(TypeDefinition type, Instruction instruction)
    {
        switch (instruction.Operand)
        {
            case TypeReference used:
                AddUse(type, used);
                break;
            case MethodReference called:
                AddUse(type, called.DeclaringType);
                AddSignature(type, called);
                break;
            case FieldReference field:
                AddUse(type, field.DeclaringType);
                AddUse(type, field.FieldType);
                break;
        }
    }

    private void AddSignature(TypeDefinition type, MethodReference method)
    {
        AddUse(type, method.ReturnType);
        foreach (var parameter in method.Parameters)
        {
            AddUse(type, parameter.ParameterType);
        }

        foreach (var argument in (method as GenericInstanceMethod)?.GenericArguments ?? [])
        {
            AddUse(type, argument);
        }
    }

    private void AddAttributes(TypeDefinition type, ICustomAttributeProvider provider)
    {
        foreach (var attribute in provider.CustomAttributes)
        {
            AddUse(type, attribute.AttributeType);
        }
    }

    private void AddUse(TypeDefinition user, TypeReference? used)
    {
        switch (used)
        {
            case null or GenericParameter:
                return;
            case GenericInstanceType generic:
                AddUse(user, generic.ElementType);
                foreach (var argument in generic.GenericArguments)
                {
                    AddUse(user, argument);
                }

                return;
            case TypeSpecification wrapped:
                AddUse(user, wrapped.ElementType);
                return;
        }

        // Another assembly's types are the business of project references.
        if (used.Scope != _module)
        {
            return;
        }

        var (from, to) = (Outermost(user).Namespace, Outermost(used).Namespace);
        // What the compiler generates has no namespace of the project.
        if (from != to && from.Length > 0 && to.Length > 0 && !to.StartsWith("System", StringComparison.Ordinal)
            && !to.StartsWith("Microsoft", StringComparison.Ordinal))
        {
            var pairs = _uses.TryGetValue((from, to), out var known) ? known : _uses[(from, to)] = [];
            pairs.Add($"{Outermost(user).Name} uses {Outermost(used).Name}");
        }
    }

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type;
    }
}
