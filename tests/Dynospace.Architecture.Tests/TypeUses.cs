using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dynospace.Architecture.Tests;

/// <summary>
/// Which types the types of a module use, read from signatures, attributes and method bodies. Constants and
/// <c>nameof</c> are inlined by the compiler and leave no trace.
/// </summary>
internal sealed class TypeUses
{
    private readonly HashSet<(TypeDefinition User, TypeReference Used)> _uses = [];

    private TypeUses()
    {
    }

    /// <summary>Every use in a module, without generic arguments, arrays and the like around the used type.</summary>
    public static IReadOnlyCollection<(TypeDefinition User, TypeReference Used)> InModule(ModuleDefinition module)
    {
        var uses = new TypeUses();
        foreach (var type in module.GetTypes())
        {
            uses.AddType(type);
        }

        return uses._uses;
    }

    /// <summary>The types that a member or a base of the type shows to those who may see the type.</summary>
    public static IReadOnlyCollection<TypeReference> ShownBy(TypeDefinition type)
    {
        var uses = new TypeUses();
        uses.AddBases(type);
        foreach (var field in type.Fields.Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
        {
            uses.AddUse(type, field.FieldType);
        }

        foreach (var method in type.Methods
            .Where(method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly))
        {
            uses.AddSignature(type, method);
            uses.AddConstraints(type, method);
        }

        return [.. uses._uses.Select(use => use.Used)];
    }

    /// <summary>The type of a file: the one around a nested type.</summary>
    public static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type;
    }

    private void AddType(TypeDefinition type)
    {
        AddBases(type);
        AddAttributes(type, type);
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

    private void AddBases(TypeDefinition type)
    {
        AddUse(type, type.BaseType);
        foreach (var implemented in type.Interfaces)
        {
            AddUse(type, implemented.InterfaceType);
        }

        AddConstraints(type, type);
    }

    private void AddConstraints(TypeDefinition type, IGenericParameterProvider provider)
    {
        foreach (var constraint in provider.GenericParameters.SelectMany(parameter => parameter.Constraints))
        {
            AddUse(type, constraint.ConstraintType);
        }
    }

    private void AddMethod(TypeDefinition type, MethodDefinition method)
    {
        AddSignature(type, method);
        AddAttributes(type, method);
        AddConstraints(type, method);
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
            default:
                _uses.Add((user, used));
                return;
        }
    }
}
